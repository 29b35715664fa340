import { Keyv } from "keyv-6";
import type { Open } from "../../contestant.ts";
import { keyvOver } from "../keyv.ts";

export const open: Open = async (setting) => keyvOver(new Keyv(), setting);
