import { hash } from "node:crypto";

/** Stands for a text in a scope. Scopes are stored, so they must not contain the text itself. */
export const fingerprint = (text: string): string => hash("sha256", text).slice(0, 16);
