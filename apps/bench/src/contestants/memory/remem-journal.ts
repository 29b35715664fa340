import { memoryStore } from "@remem/core";
import type { Open } from "../../contestant.ts";
import { rememWithJournal } from "../remem.ts";

export const open: Open = async (setting) => rememWithJournal(memoryStore(), setting);
