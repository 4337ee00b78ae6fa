// SPDX-License-Identifier: LGPL-2.1-or-later
package main

import (
	"fmt"
	"io"
	"net/http"
)

func main() {
	response, err := http.Get("http://server.example/")
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(response.Body)
	if string(body) != "hello" {
		panic(string(body))
	}
	fmt.Println("works")
}
