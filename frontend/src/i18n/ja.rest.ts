import { byNamespace } from "./index.ts";

export default byNamespace(import.meta.glob(["./ja/*.json", "!./ja/{auth,common,errors}.json"], { eager: true }));
