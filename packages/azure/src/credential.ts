import { RememError, raceSignal } from "@remem/core/plugin";

export interface CredentialOptions {
  readonly apiKey?: string | undefined;
  readonly azureADTokenProvider?: (() => Promise<string>) | undefined;
}

export interface CredentialContext {
  /** The function that takes the options, for errors. */
  readonly where: string;
  readonly timeoutMs: number;
}

/** The credential of one call. */
export interface Credential {
  /** A key, or a function that returns a token for each attempt. */
  readonly apiKey: string | (() => Promise<string>);
  /** All keys and tokens sent so far, which must not appear in errors. */
  readonly secrets: readonly string[];
}

/**
 * The credential from the options, else from the environment, where a token takes precedence over a key as in OpenAI's
 * Python package.
 * @throws {RememError} with code `MISSING_CREDENTIALS`
 */
export function credentialFor(
  { apiKey, azureADTokenProvider }: CredentialOptions,
  context: CredentialContext,
): Credential {
  if (azureADTokenProvider !== undefined) return tokenCredential(azureADTokenProvider, context);
  const { AZURE_OPENAI_AD_TOKEN: token, AZURE_OPENAI_API_KEY: key } = process.env;
  if (apiKey === undefined && token) return tokenCredential(async () => token, context);
  const secret = apiKey ?? key;
  if (!secret) throw missingCredentials(context.where);
  return { apiKey: secret, secrets: [secret] };
}

function tokenCredential(provider: () => Promise<string>, context: CredentialContext): Credential {
  const secrets: string[] = [];
  async function next(): Promise<string> {
    const token = await requestToken(provider, context);
    secrets.push(token);
    return token;
  }
  return { apiKey: next, secrets };
}

async function requestToken(provider: () => Promise<string>, { where, timeoutMs }: CredentialContext): Promise<string> {
  const limit = AbortSignal.timeout(timeoutMs);
  let token: unknown;
  try {
    token = await raceSignal(Promise.resolve(provider()), limit);
  } catch (error) {
    if (limit.aborted) throw tokenError(where, `it took longer than ${timeoutMs} ms (\`timeoutMs\`)`);
    throw tokenError(where, String(error).replaceAll(JWT, "[redacted]"));
  }
  if (typeof token !== "string" || token === "") throw tokenError(where, "it must resolve to a non-empty string");
  return token;
}

/** Tokens and assertions of Entra ID (RFC 7519). */
const JWT = /\beyJ[\w-]+\.[\w.-]+/g;

/** Has no cause: errors of identity libraries contain requests, and those contain secrets. */
function tokenError(where: string, why: string): RememError {
  return new RememError("MISSING_CREDENTIALS", `${where}: \`azureADTokenProvider\` returned no token: ${why}`);
}

function missingCredentials(where: string): RememError {
  return new RememError(
    "MISSING_CREDENTIALS",
    `There are no credentials: pass \`apiKey\` or \`azureADTokenProvider\` to ${where}, or set AZURE_OPENAI_API_KEY or AZURE_OPENAI_AD_TOKEN.`,
  );
}
