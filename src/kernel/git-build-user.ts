/** The user name with which a build's git sends its authorization token (git-credential-helper). Names in IAM hold no percent sign. */
export const BUILD_USER = '%build';
