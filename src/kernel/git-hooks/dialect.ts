/** The dialect that a git host's API and webhooks speak. */
export type Dialect = 'github' | 'gitlab' | 'bitbucket' | 'gitea';
