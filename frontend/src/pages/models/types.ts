/** What the evaluation routes say, by the server's own shapes. */
import type { components } from "../../api/schema.ts";

type Schemas = components["schemas"];

export type GateSaid = Schemas["ReasonOut"];
export type Verdict = Schemas["VerdictOut"];
export type ModelRow = Schemas["ModelRow"];
export type Models = Schemas["ModelRows"];
export type ModelReport = Schemas["ModelOut"];
export type QuestionReport = Schemas["QuestionReport"];
export type Wrong = Schemas["Wrong"];
export type Comparison = Schemas["Comparison"];
export type Move = Schemas["MoveOut"];
