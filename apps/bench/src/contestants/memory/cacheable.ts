import { Cacheable } from "cacheable";
import type { Open } from "../../contestant.ts";
import { cacheableOver } from "../cacheable.ts";

export const open: Open = async (setting) => cacheableOver(new Cacheable(), setting);
