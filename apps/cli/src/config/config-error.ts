import { UsageError } from "../flags/usage-error.ts";

/** The configuration file cannot be used. The message names members of the file, so that it must not be put into flags. */
export class ConfigError extends UsageError {}
