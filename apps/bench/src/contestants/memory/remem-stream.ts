import { memoryStore } from "@remem/core";
import type { Open } from "../../contestant.ts";
import { streamOver } from "../remem.ts";

export const open: Open = async (setting) => streamOver(memoryStore(), setting);
