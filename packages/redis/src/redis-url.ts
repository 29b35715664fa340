/** What a client of Redis can make something of. https://www.iana.org/assignments/uri-schemes/prov/redis */
export function isRedisUrl(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol)) return false;
  const { username, password, pathname, search, hash } = parsed;
  return /^\/?\d*$/.test(pathname) && search === "" && hash === "" && [username, password].every(isEncoded);
}

/** The part that may be shown. */
export function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** What the client of Redis sends as the password; "" where there is none. */
export function passwordIn(url: string): string {
  return decodeURIComponent(new URL(url).password);
}

function isEncoded(text: string): boolean {
  try {
    return typeof decodeURIComponent(text) === "string";
  } catch {
    return false;
  }
}
