import { storeContract } from "@remem/testing";
import { memoryStore } from "remem";

const create = () => ({ ...memoryStore(), get: () => new Promise(() => {}) });
const [{ name, run }] = storeContract({ create });
test(name, run);
