import { vi } from "vitest";
import { testAddresses } from "./addresses.ts";

vi.mock("openai", () => import("openai-6"));

testAddresses(6);
