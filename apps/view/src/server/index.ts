export type { ListenOptions } from "./listen.ts";
export type { KeysOf, PriceOf, ShownCache, ViewOptions } from "./options.ts";
export { type Answer, createPageApi, createPageFiles, type PageOptions } from "./page.ts";
export { createView, type View } from "./view.ts";
