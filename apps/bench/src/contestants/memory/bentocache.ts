import { bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import type { Open } from "../../contestant.ts";
import { bentocacheOver } from "../bentocache.ts";

export const open: Open = async (setting) => bentocacheOver(bentostore().useL1Layer(memoryDriver()), setting);
