import { type CacheEntry, chatSurface, type JsonObject, type Surface, type TokenCount } from "@remem/core";
import { checkOptions, RememError } from "@remem/core/plugin";
import { chatTexts } from "./texts.ts";

/** A surface of any kind of request and answer. */
export type AnySurface = Surface<object, object>;

/** The options that every function takes. */
export interface InspectOptions {
  /**
   * Surfaces besides chat, such as `fetchSurfaces`. Entries of any other surface, or of one without `texts`, are shown as JSON.
   * The keys of entries of other surfaces are not recomputed.
   */
  readonly surfaces?: readonly AnySurface[] | undefined;
}

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkInspectOptions<Options extends InspectOptions>(
  where: string,
  options: Options,
  known: Readonly<Record<keyof Options, true>>,
): void {
  checkOptions(where, options, known);
  const { surfaces } = options;
  if (surfaces !== undefined && !Array.isArray(surfaces)) {
    throw new RememError("INVALID_OPTION", `${where}: \`surfaces\` must be a list of surfaces.`);
  }
}

const CHAT = { ...chatSurface, texts: chatTexts } as AnySurface;

/** The surfaces by their names. */
export function surfacesOf({ surfaces = [] }: InspectOptions): ReadonlyMap<string, AnySurface> {
  const others = surfaces.filter(({ name }) => name !== CHAT.name);
  return new Map([CHAT, ...others].map((surface) => [surface.name, surface]));
}

/** The surface of an entry. */
export interface SurfaceFacts {
  /** Its name. Undefined if the entry does not tell it, because it was stored without its request. */
  readonly name: string | undefined;
  /** Undefined if the surface was not given, or does not know this answer. */
  readonly surface: AnySurface | undefined;
  readonly tokens: TokenCount | undefined;
  readonly finishReason: string | undefined;
}

export function surfaceFactsOf(
  { request, facts, answer }: CacheEntry<object, JsonObject>,
  surfaces: ReadonlyMap<string, AnySurface>,
): SurfaceFacts {
  const name =
    request === undefined
      ? [...surfaces.values()].find((surface) => surface.isAnswer(answer))?.name
      : (facts?.surface ?? chatSurface.name);
  const known = surfaces.get(name ?? "");
  const surface = known?.isAnswer(answer) ? known : undefined;
  return {
    name,
    surface,
    tokens: surface?.tokens?.(answer),
    finishReason: surface?.finishReason?.(answer) || undefined,
  };
}
