/** A request's path as the log tells it: what follows an endpoint's name is a secret with some of our own, and so is a query with many. */
export function toldPath(url: string): string {
  return url.split('?', 1)[0]!.replace(/^(\/_pipewright\/[^/]*\/).*/, '$1…');
}
