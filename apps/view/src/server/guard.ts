import { createHash, timingSafeEqual } from "node:crypto";

/** Whether a request names this machine: a page of another site may lead a name of its own here (DNS rebinding). */
export function isLoopbackHost(host: string): boolean {
  if (!/^(?:[\w.-]+|\[[\da-f:]+\])(?::\d*)?$/i.test(host)) return false;
  const { hostname = "" } = URL.parse(`http://${host}`) ?? {};
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** Makes a comparison that takes equally long for every wrong token. */
export function createTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
  const expected = digestOf(`Bearer ${token}`);
  return (authorization = "") => timingSafeEqual(digestOf(authorization), expected);
}
