/** The work queue's way to the server. */
import { api, call } from "../api/client.ts";
import type { components } from "../api/schema.ts";
import { asProblem } from "../api/problem.ts";
import type { Fate, Letter } from "../core/outbox.ts";
import type { Transport } from "../core/queue.ts";
import type { Assignment } from "../core/work.ts";
import { viewOf } from "./views/index.tsx";

const HOLD = 12; // tasks one desk may hold: in hand, behind it, and answered but still on their way

/** Why a task was asked for. */
export type Reason = NonNullable<components["schemas"]["LendIn"]["reasons"]>[number];

export interface Wish {
  reasons?: Reason[];
  task?: number;
}

/** Ask for a task; null where there is none. */
export async function lend(projectId: number, exclude: number[], wish: Wish = {}): Promise<Assignment | null> {
  const params = { path: { project_id: projectId }, query: { hold: HOLD } };
  const body = { exclude, ...wish } as components["schemas"]["LendIn"];
  const lent = await call<Assignment | undefined>(api.POST("/api/v1/projects/{project_id}/assignments", { params, body }));
  return lent?.id === undefined ? null : lent;
}

export function transport(projectId: number, reasons?: Reason[]): Transport {
  return {
    lend: (holding) => lend(projectId, holding, { reasons }),
    lendTask: (task, holding) => lend(projectId, holding, { task, reasons }),
    deliver,
    undo: () => undo(projectId),
    warm: async (assignment) => {
      await viewOf(assignment.item)?.warm?.(assignment.item);
    },
  };
}

async function undo(projectId: number): Promise<Assignment | null> {
  try {
    return await call<Assignment>(api.POST("/api/v1/projects/{project_id}/undo", { params: { path: { project_id: projectId } } }));
  } catch (error) {
    if (asProblem(error).status === 409) return null;
    throw error;
  }
}

export async function deliver(letter: Letter): Promise<Fate> {
  try {
    await post(letter);
    return { kind: "taken" };
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status === 401) return { kind: "signed_out" };
    if (problem.status <= 0 || problem.status === 429 || problem.status >= 500) return { kind: "later" };
    return { kind: "refused", code: problem.code, message: problem.message };
  }
}

function post({ assignment, kind, answers, seconds, why }: Letter): Promise<unknown> {
  const params = { path: { assignment_id: assignment } };
  if (kind === "skip") return call(api.POST("/api/v1/assignments/{assignment_id}/skip", { params, body: { why: why ?? "" } }));
  return call(api.POST("/api/v1/assignments/{assignment_id}/answer", { params, body: { answers: answers ?? {}, seconds } }));
}
