// Runs a Go client library against a hub, for the tests: clients tmaxmax|r3labs URL, or clients publish URL.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	r3labs "github.com/r3labs/sse/v2"
	tmaxmax "github.com/tmaxmax/go-sse"
	"gopkg.in/cenkalti/backoff.v1"
)

const retry = 200 * time.Millisecond

func main() {
	url := os.Args[2]
	switch os.Args[1] {
	case "tmaxmax":
		listenWithTmaxmax(url)
	case "r3labs":
		listenWithR3labs(url)
	case "publish":
		publish(url)
	}
}

func listenWithTmaxmax(url string) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	must(err)
	client := tmaxmax.Client{
		ResponseValidator: func(response *http.Response) error {
			fmt.Println("open")
			return tmaxmax.DefaultValidator(response)
		},
		OnRetry: func(error, time.Duration) { fmt.Println("end") },
		Backoff: tmaxmax.Backoff{InitialInterval: retry, Multiplier: 1},
	}
	connection := client.NewConnection(request)
	connection.SubscribeToAll(func(event tmaxmax.Event) { printEvent(event.LastEventID, event.Type, event.Data) })
	must(connection.Connect())
}

// r3labs/sse delivers what it has read of the next event when a stream ends, such as a comment, with the id of the last event. So
// an event without type and data counts only if something follows it in the same stream.
func listenWithR3labs(url string) {
	var lock sync.Mutex
	var empty []*r3labs.Event
	client := r3labs.NewClient(url)
	client.ReconnectStrategy = backoff.NewConstantBackOff(retry)
	client.ReconnectNotify = func(error, time.Duration) {
		lock.Lock()
		defer lock.Unlock()
		empty = nil
		fmt.Println("end")
	}
	client.ResponseValidator = func(_ *r3labs.Client, response *http.Response) error {
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the hub answers %s", response.Status)
		}
		fmt.Println("open")
		return nil
	}
	must(client.Subscribe("", func(event *r3labs.Event) {
		lock.Lock()
		defer lock.Unlock()
		for _, earlier := range empty {
			printEvent(string(earlier.ID), "", "")
		}
		empty = nil
		if len(event.Event) == 0 && len(event.Data) == 0 {
			empty = append(empty, event)
		} else {
			printEvent(string(event.ID), string(event.Event), string(event.Data))
		}
	}))
}

func printEvent(id, kind, data string) {
	text, err := json.Marshal(data)
	must(err)
	if kind == "" {
		kind = "message"
	}
	fmt.Printf("event %s %s %s\n", id, kind, text)
}

// publish sends a form of unknown length, so Go sends it in chunks.
func publish(url string) {
	reader, writer := io.Pipe()
	go func() {
		for _, part := range []string{"topic=chat&da", "ta=from", "+Go"} {
			_, err := io.WriteString(writer, part)
			must(err)
		}
		must(writer.Close())
	}()
	request, err := http.NewRequest(http.MethodPost, url, reader)
	must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	must(err)
	body, err := io.ReadAll(response.Body)
	must(err)
	fmt.Println(response.StatusCode, string(body))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
