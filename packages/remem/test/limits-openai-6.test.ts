import { vi } from "vitest";
import { testLimits } from "./limits.ts";

vi.mock("openai", () => import("openai-6"));

testLimits(6);
