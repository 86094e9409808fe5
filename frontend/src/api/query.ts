/** One cache for everything read from the server; refusals are not tried again, failures of the network are. */
import { QueryClient } from "@tanstack/react-query";

import { asProblem } from "./problem.ts";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => failures < 2 && asProblem(error).status <= 0,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});
