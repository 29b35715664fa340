export type { ListenOptions } from "./listen.ts";
export type { KeysOf, PriceOf, ViewOptions } from "./options.ts";
export { createView, type View } from "./view.ts";
