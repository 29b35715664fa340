import type { IncomingMessage } from "node:http";

/** The path of the page. No upstream may have such a name, and no vendor has such a path. */
export const PAGE_PATH = "/_remem";

/** Whether a request is for the page, and not for a server. */
export const isOfPage = ({ url = "" }: IncomingMessage): boolean => url.startsWith(PAGE_PATH);
