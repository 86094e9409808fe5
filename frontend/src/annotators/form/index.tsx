/** Any type without a folder of its own: a form drawn from the JSON Schema of its values. */
import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Fetched } from "../../parts/index.tsx";
import type { Annotator, EditorProps, ViewerProps } from "../contract.ts";
import { SchemaField } from "./Fields.tsx";
import { typesQuery } from "./types.ts";

function Editor({ question, value, onChange, labelledBy }: EditorProps) {
  const query = useQuery(typesQuery);
  return (
    <Fetched query={query}>
      {(types) => {
        const schema = types.find((one) => one.name === question.type)?.value_schema ?? {};
        return <SchemaField schema={schema} root={schema} labelledBy={labelledBy} value={value} onChange={(next) => onChange(next)} />;
      }}
    </Fetched>
  );
}

function Viewer({ value }: ViewerProps) {
  return typeof value === "string" || typeof value === "number" ? <>{String(value)}</> : <Code>{JSON.stringify(value)}</Code>;
}

const form: Annotator = { type: "", Editor, Viewer, shortcuts: () => [], emptyValue: () => undefined };
export default form;
