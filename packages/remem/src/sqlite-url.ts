/** Whether the text after `sqlite:` is the address of a server. It may contain a password, which must not become a file name. */
export function isAddress(path: string): boolean {
  return /^\/\/[^/]*@/.test(path) || /^[a-z][a-z0-9+.-]+:.*@/is.test(path);
}

/** Other tools write an absolute path as sqlite:///path. */
export const withoutSlashes = (path: string): string => path.replace(/^\/\/(?=\/)/, "");
