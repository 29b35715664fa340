// There is no far store, because a hit does not touch it.
export { open } from "../memory/floor.ts";
