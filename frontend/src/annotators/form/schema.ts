/** Reading a JSON Schema: what the form needs of it, and nothing more. */
import type { Value } from "../../core/work.ts";

export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

/** The kinds of field the form can draw; `json` is the way out for everything else. */
export type Field =
  | { kind: "text"; long: boolean }
  | { kind: "number"; whole: boolean; min?: number; max?: number }
  | { kind: "yes_no" }
  | { kind: "one_of"; values: string[] }
  | { kind: "list"; of: Schema }
  | { kind: "object"; fields: [string, Schema][] }
  | { kind: "json" };

/** Follow references and leave "or nothing" aside. */
export function resolved(schema: Schema, root: Schema): Schema {
  if (schema.$ref) {
    const name = schema.$ref.replace(/^#\/\$defs\//, "");
    const target = root.$defs?.[name];
    return target ? resolved(target, root) : {};
  }
  const several = schema.anyOf ?? schema.oneOf ?? (schema.allOf?.length === 1 ? schema.allOf : undefined);
  const real = several?.filter((one) => one.type !== "null");
  return real?.length === 1 && real[0] ? resolved(real[0], root) : schema;
}

export function fieldOf(given: Schema, root: Schema): Field {
  const schema = resolved(given, root);
  if (schema.enum?.every((value) => typeof value === "string")) return { kind: "one_of", values: schema.enum };
  switch (schema.type) {
    case "string":
      return { kind: "text", long: (schema.maxLength ?? 1000) > 100 };
    case "integer":
    case "number":
      return { kind: "number", whole: schema.type === "integer", min: schema.minimum, max: schema.maximum };
    case "boolean":
      return { kind: "yes_no" };
    case "array":
      return schema.items && !schema.prefixItems ? { kind: "list", of: schema.items } : { kind: "json" };
    case "object":
      return schema.properties ? { kind: "object", fields: Object.entries(schema.properties) } : { kind: "json" };
    default:
      return { kind: "json" };
  }
}

/** A new entry of a list: what the field shows before anything was typed. */
export function blank(given: Schema, root: Schema): Value {
  const field = fieldOf(given, root);
  switch (field.kind) {
    case "text":
      return "";
    case "yes_no":
      return false;
    case "list":
      return [];
    case "object":
      return {};
    case "one_of":
      return field.values[0];
    default:
      return null;
  }
}
