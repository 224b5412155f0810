extension PageAssets {
    /// Requests to the server, and the stream of its changes.
    static let requestsScript = #"""
        export class Problem extends Error {}
        export class Lost extends Error {}

        const connection = { isLost: false, listeners: [] };
        export const onConnection = listener => connection.listeners.push(listener);
        const setLost = isLost => {
          if (connection.isLost === isLost) return;
          connection.isLost = isLost;
          for (const listener of connection.listeners) listener(isLost);
        };

        // Called with the reason if the server does not understand the filter.
        const refusals = [];
        export const onRefusal = listener => refusals.push(listener);

        const request = async (path, params, signal) => {
          const query = new URLSearchParams();
          for (const [key, value] of Object.entries(params)) if (value !== null && value !== undefined && value !== "") query.set(key, value);
          let answer;
          try {
            answer = await fetch(path + (query.size ? "?" + query : ""), { signal, cache: "no-cache" });
          } catch (error) {
            if (error.name === "AbortError") throw error;
            setLost(true);
            throw new Lost("The server does not answer");
          }
          setLost(false);
          if (answer.ok) return answer;
          const text = await answer.text();
          let reason = `The server answered ${answer.status}`;
          try { reason = JSON.parse(text).error ?? reason; } catch { /* The answer is not JSON. */ }
          if (answer.status === 400) for (const listener of refusals) listener(reason);
          throw Object.assign(new Problem(reason), { status: answer.status });
        };
        export const get = async (path, params = {}, signal = undefined) => {
          const answer = await request(path, params, signal);
          // A body that breaks off is a lost connection as well.
          try { return await answer.json(); } catch (error) {
            if (error instanceof SyntaxError) throw new Problem("The answer of the server is not complete.");
            throw error;
          }
        };

        // Calls `changed` when spans have arrived. The browser connects again by itself, unless the server refused the stream.
        // A hidden page has no stream, because browsers allow only six connections to a server.
        export const follow = changed => {
          let source = null;
          const stop = () => { source?.close(); source = null; };
          const start = () => {
            stop();
            const opened = source = new EventSource("/api/events");
            opened.onopen = () => setLost(false);
            opened.addEventListener("change", event => { setLost(false); changed(JSON.parse(event.data)); });
            opened.onerror = () => {
              setLost(true);
              if (opened.readyState === EventSource.CLOSED) setTimeout(() => { if (source === opened) start(); }, 2000);
            };
          };
          document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else if (!source) { start(); changed(null); } });
          addEventListener("pagehide", stop);
          if (!document.hidden) start();
        };

        """#
}
