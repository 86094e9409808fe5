/** The typed client of `/api/v1`: cookie session, CSRF header, refusals as `Problem`. */
import createClient, { type Middleware } from "openapi-fetch";

import { asProblem, Problem, problemOf } from "./problem.ts";
import type { paths } from "./schema.ts";

let csrf = "";

/** The token that `GET /me` hands out; every unsafe call carries it. */
export function carry(token: string | null | undefined): void {
  csrf = token ?? "";
}

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf && request.method !== "GET") request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(guard);

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's data, or a thrown `Problem`: `await call(api.GET("/api/v1/me", {}))`. */
export async function call<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  let got: Outcome<T>;
  try {
    got = await outcome;
  } catch (error) {
    throw asProblem(error);
  }
  if (!got.response.ok) throw problemOf(got.response.status, got.error);
  return got.data as T;
}

export interface Sent {
  fraction: number;
  /** Everything is on the server, which now works on it. */
  done: boolean;
}

/** Send files with progress (fetch cannot tell how far an upload is). Resolves to the JSON answer. */
export function upload<T>(url: string, body: FormData, tell?: (sent: Sent) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    if (csrf) request.setRequestHeader("X-CSRF-Token", csrf);
    request.upload.onprogress = (event) => tell?.({ fraction: event.total ? event.loaded / event.total : 0, done: false });
    request.upload.onload = () => tell?.({ fraction: 1, done: true });
    request.onerror = () => reject(new Problem({ status: 0 }));
    request.onabort = () => reject(new Problem({ status: -1, code: "aborted" }));
    request.onload = () => {
      if (request.status < 300) resolve(request.response as T);
      else reject(problemOf(request.status, request.response));
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
