import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import type { Proposal, Value } from "../../core/work.ts";
import type { JournalRow } from "../ring/journal.ts";
import { asQuery, type Filters } from "./filters.ts";

export interface Agreed {
  value: Value;
  confidence: number | null;
  answers: number;
  disagreement: number | null;
}

export interface ItemRow {
  id: number;
  key: string | null;
  split: string;
  gold: unknown;
  text: string | null;
  thumbnail: string | null;
  mime: string | null;
  meta: Record<string, unknown>;
  state: "new" | "waiting" | "labelled";
  consensus: Record<string, Agreed>;
  suggestion: Record<string, Proposal>;
}

export interface ItemPage {
  rows: ItemRow[];
  after: number | null;
  total_about: number | null;
}

export interface Answer {
  id: number;
  person: number | null;
  person_name: string | null;
  answers: Record<string, Value>;
  seconds: number | null;
  created_at: string;
  reason: string;
}

export interface ItemLife extends ItemRow {
  url?: string | null;
  annotations: Answer[];
  suggestions: { question: string; value: Value; score: number; model_version: number }[];
  life: JournalRow[];
}

const PAGE = 60;

/** The list as filtered. Not read again with every live event: rows must not jump under somebody's eyes. */
export function itemsQuery(projectId: number, filters: Filters) {
  return infiniteQueryOptions({
    queryKey: projectKey(projectId, "held", "items", filters),
    initialPageParam: 0,
    queryFn: ({ pageParam }) => {
      const query = { ...asQuery(filters), after: pageParam || undefined, limit: PAGE };
      return call<ItemPage>(api.GET("/api/v1/projects/{project_id}/items", { params: { path: { project_id: projectId }, query } }));
    },
    getNextPageParam: (last) => last.after ?? undefined,
    refetchOnWindowFocus: false,
  });
}

export function itemQuery(projectId: number, itemId: number) {
  return queryOptions({
    queryKey: projectKey(projectId, "item", itemId),
    queryFn: () => call<ItemLife>(api.GET("/api/v1/projects/{project_id}/items/{item_id}", { params: { path: { project_id: projectId, item_id: itemId } } })),
  });
}

/** Ask people about items: for the first time, or once more. */
export function ask(projectId: number, items: number[], reason: "selection" | "recheck") {
  return call<{ created: number }>(api.POST("/api/v1/projects/{project_id}/tasks", { params: { path: { project_id: projectId } }, body: { items, reason } }));
}

export function contentOf(projectId: number, itemId: number): string {
  return `/api/v1/projects/${projectId}/items/${itemId}/content`;
}
