export {
  type CompletionsServer,
  type CompletionsServerOptions,
  completionsServer,
  type ReceivedRequest,
} from "./completions-server.ts";
export type { Fault } from "./fault.ts";
