// Nothing behind the memory: a hit does not touch it.
export { open } from "../memory/floor.ts";
