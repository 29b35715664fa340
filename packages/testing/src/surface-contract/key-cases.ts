import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "@remem/core/plugin";
import { NotApplicable } from "../contract.ts";
import { type CaseContext, keyIfValid, keyOf, UNKNOWN_MEMBER } from "./context.ts";

const VALUES: readonly JsonValue[] = [null, false, true, 0, 7, "x", [1], { deep: [1] }];

export const keyCases = {
  async "unkeyed members do not move the key"({ surface, examples }: CaseContext): Promise<void> {
    if (surface.unkeyed.size === 0) throw new NotApplicable("this surface has no unkeyed members");
    for (const { request } of examples) {
      const key = keyOf(surface, request);
      for (const name of surface.unkeyed) {
        for (const other of [without(request, name), ...VALUES.map((value) => ({ ...request, [name]: value }))]) {
          const moved = keyIfValid(surface, other) ?? key;
          assert.equal(moved, key, `\`${name}\` is unkeyed, but moves the key.`);
        }
      }
    }
  },

  async "unknown members move the key"({ surface, examples }: CaseContext): Promise<void> {
    for (const { request } of examples) {
      const others = VALUES.map((value) => ({ ...request, [UNKNOWN_MEMBER]: value }));
      const keys = [request, ...others].map((one) => keyOf(surface, one));
      assert.equal(new Set(keys).size, keys.length, "An unknown member does not move the key.");
    }
  },

  async "all other members move the key when they change"({ surface, examples }: CaseContext): Promise<void> {
    for (const { request } of examples) {
      const key = keyOf(surface, request);
      for (const [name, value] of Object.entries(request)) {
        if (surface.unkeyed.has(name) || value === undefined) continue;
        for (const changed of variantsOf(value)) {
          const moved = keyIfValid(surface, { ...request, [name]: changed });
          assert.notEqual(moved, key, `\`${name}\` changed, but the key did not.`);
        }
      }
    }
  },

  async "members with their default value do not move the key"({ surface, examples }: CaseContext): Promise<void> {
    const { defaults = {} } = surface;
    if (Object.keys(defaults).length === 0) throw new NotApplicable("this surface has no `defaults`");
    for (const { request } of examples) {
      for (const [name, value] of Object.entries(defaults)) {
        const bare = keyIfValid(surface, without(request, name));
        if (bare === undefined) continue;
        const moved = keyIfValid(surface, { ...request, [name]: value });
        assert.equal(moved, bare, `\`${name}\` has its default value, but moves the key.`);
      }
    }
  },

  async "the name is in the key, except for the implicit one of Chat Completions"({
    surface,
    examples,
  }: CaseContext): Promise<void> {
    assert.ok(
      surface.isImplicit === undefined || surface.name === "chat",
      "`isImplicit` is reserved for Chat Completions: another surface would share its keys.",
    );
    for (const { request } of examples) {
      const renamed = keyOf({ ...surface, name: `${surface.name}-renamed` }, request);
      const isSame = renamed === keyOf(surface, request);
      assert.equal(isSame, surface.isImplicit === true, "Surfaces of different names must have different keys.");
    }
  },
};

function without(request: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = request;
  return rest;
}

/** Values of the same type that mean something else. The surface may refuse them. */
function variantsOf(value: JsonValue): readonly JsonValue[] {
  if (typeof value === "string") return [`${value}x`];
  if (typeof value === "number") return [value + 1, value + 0.5];
  if (typeof value === "boolean") return [!value];
  if (value === null) return ["x", 7];
  if (isList(value)) return value.length === 0 ? [["x"]] : [[...value, value[0]!], value.slice(1), nested(value)];
  return [{ ...value, [UNKNOWN_MEMBER]: 1 }];
}

/** The list with its first element changed. */
function nested([first, ...rest]: readonly JsonValue[]): readonly JsonValue[] {
  return [variantsOf(first!)[0]!, ...rest];
}

/** `Array.isArray` does not narrow a readonly list. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
