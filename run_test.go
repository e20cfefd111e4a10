package decant

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func TestRunSaysThatAPortIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	t.Setenv("DECANT_RUN_PORT", port)
	app, _ := appWith(hello)
	message := fmt.Sprint(app.Run())
	for _, part := range []string{"port " + port, "127.0.0.1", "in use", "decant.Port(n)", "DECANT_RUN_PORT=n"} {
		if !strings.Contains(message, part) {
			t.Errorf("%q lacks %q", message, part)
		}
	}
}

func TestRunSaysWhereItCannotListen(t *testing.T) {
	t.Setenv("DECANT_RUN_HOST", "no such host")
	app, _ := appWith(hello)
	message := fmt.Sprint(app.Run(Port(0)))
	if !strings.Contains(message, "cannot listen on no such host, port 0") {
		t.Errorf("the error is %q", message)
	}
	if err := app.Run(Host("127.0.0.1"), Port(99999)); err == nil || !strings.Contains(err.Error(), "99999") {
		t.Errorf("the error is %v", err)
	}
}

// Being told to end, the server lets requests under way finish, whichever
// signal says so, and accepts nothing new.
func TestRunLetsRequestsFinish(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			listener, err := address{host: "127.0.0.1", port: "0"}.listen()
			if err != nil {
				t.Fatal(err)
			}
			started, goOn := make(chan bool), make(chan bool)
			app, log := appWith(func(*Context) (any, error) {
				close(started)
				<-goOn
				return "finished", nil
			})
			ended, answered := make(chan error, 1), make(chan string, 1)
			go func() { ended <- app.serveUntilStopped(listener, everyday) }()
			go func() { answered <- fetch("http://" + listener.Addr().String()) }()
			<-started
			if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
				t.Fatal(err)
			}
			waitUntilRefused(listener.Addr().String())
			close(goOn)
			if answer := <-answered; answer != "finished" {
				t.Errorf("the request under way got %q", answer)
			}
			if err := <-ended; err != nil {
				t.Errorf("Run returned %v", err)
			}
			log.mustBeEmpty(t)
		})
	}
}

func fetch(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func waitUntilRefused(address string) {
	for {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		connection.Close()
	}
}

func TestRunReturnsTheErrorOfItsListener(t *testing.T) {
	listener, err := address{host: "127.0.0.1", port: "0"}.listen()
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	app, _ := appWith(hello)
	if err := app.serveUntilStopped(listener, everyday); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the error is %v", err)
	}
}
