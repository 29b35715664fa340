import { vi } from "vitest";
import { testOnTheWire } from "./wire.ts";

vi.mock("openai", () => import("openai-6"));

testOnTheWire(6);
