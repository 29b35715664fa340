import { testOnTheWire } from "./wire.ts";

testOnTheWire(7);
