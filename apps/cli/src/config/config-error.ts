import { UsageError } from "../flags/usage-error.ts";

/** The configuration file cannot be used. The message names members of the file, and must not be reworded to name flags. */
export class ConfigError extends UsageError {}
