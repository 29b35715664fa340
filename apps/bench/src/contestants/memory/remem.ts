import { memoryStore } from "@remem/core";
import type { Open } from "../../contestant.ts";
import { rememOver } from "../remem.ts";

export const open: Open = async (setting) => rememOver(memoryStore(), setting);
