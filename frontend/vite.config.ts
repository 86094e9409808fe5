import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` talks to a server started beside it (`meguri up --port 8321`).
const server = process.env.MEGURI_DEV_SERVER ?? "http://127.0.0.1:8321";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env.MEGURI_PAGE_OUT ?? "../src/meguri/api/page",
    emptyOutDir: true,
    target: "es2023",
    chunkSizeWarningLimit: 600,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": { target: server, changeOrigin: false } } },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx", "tests/**/*.test.ts"], environment: "node" },
});
