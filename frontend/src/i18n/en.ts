import { byNamespace } from "./index.ts";

export default byNamespace(import.meta.glob("./en/*.json", { eager: true }));
