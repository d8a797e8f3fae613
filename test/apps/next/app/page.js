export const dynamic = "force-dynamic";

export default function Home() {
  return (
    <main>
      <div>Hello World!</div>
      <p>Rendered by {process.env.PAWL_VERSION ?? "nobody"}</p>
    </main>
  );
}
