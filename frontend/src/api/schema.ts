/* eslint-disable @typescript-eslint/no-explicit-any */
/** Written by `npm run schema` from the server's OpenAPI; until then any path is allowed. */
export type paths = Record<string, any>;
