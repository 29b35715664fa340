export { type ChaosStore, chaosStore } from "./chaos-store.ts";
export {
  type BatchLimits,
  type CompletionsServer,
  type CompletionsServerOptions,
  completionsServer,
  type ReceivedRequest,
  type ServedBatches,
} from "./completions-server.ts";
export type { ContractCase, SkippedCase } from "./contract.ts";
export { type FakeProvider, fakeProvider } from "./fake-provider.ts";
export type { Fault } from "./fault.ts";
export type { MessageBatchPlan } from "./messages/message-batch-plan.ts";
export type { MessageBatchRoute } from "./messages/message-batches.ts";
export {
  type MessagesServer,
  type MessagesServerOptions,
  messagesServer,
  type ServedMessageBatches,
} from "./messages-server.ts";
export type { CreateOptions, CreateProvider } from "./provider-contract/harness.ts";
export { type ProviderContractCase, type ProviderContractOptions, providerContract } from "./provider-contract.ts";
export type { BatchRoute } from "./server/batch-api.ts";
export type { BatchPlan, BatchProblem } from "./server/batch-plan.ts";
export type { ForeignData } from "./store-contract/context.ts";
export { type StoreContractCase, type StoreContractOptions, storeContract } from "./store-contract.ts";
export type { SurfaceExample } from "./surface-contract/context.ts";
export { type SurfaceContractCase, type SurfaceContractOptions, surfaceContract } from "./surface-contract.ts";
