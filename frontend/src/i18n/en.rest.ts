import { byNamespace } from "./index.ts";

export default byNamespace(import.meta.glob(["./en/*.json", "!./en/{auth,common,errors}.json"], { eager: true }));
