import { testAddresses } from "./addresses.ts";

testAddresses(7);
