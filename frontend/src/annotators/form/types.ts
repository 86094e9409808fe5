import { queryOptions } from "@tanstack/react-query";

import { api, call } from "../../api/client.ts";
import type { Schema } from "./schema.ts";

export interface TypeInfo {
  name: string;
  modalities: string[];
  config_schema: Schema;
  value_schema: Schema;
}

/** What the server knows about annotation types; it changes only with a new version of the server. */
export const typesQuery = queryOptions({
  queryKey: ["annotation-types"],
  queryFn: async () => {
    const answer = await call<TypeInfo[] | { rows: TypeInfo[] }>(api.GET("/api/v1/annotation-types", {}));
    return Array.isArray(answer) ? answer : answer.rows;
  },
  staleTime: Infinity,
});
