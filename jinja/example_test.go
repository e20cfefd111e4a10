package jinja_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing/fstest"

	"github.com/decant-go/decant/jinja"
)

var blog = fstest.MapFS{
	"base.html":  {Data: []byte("<title>{% block title %}Blog{% endblock %}</title>\n{% block body %}{% endblock %}\n")},
	"index.html": {Data: []byte("{% extends 'base.html' %}{% block title %}Index - {{ super() }}{% endblock %}{% block body %}{% for post in posts %}<h1>{{ post.title }}</h1>{% endfor %}{% endblock %}")},
}

type post struct{ Title string }

func ExampleEngine_Render() {
	engine, err := jinja.New(jinja.EngineConfig{FS: blog})
	if err != nil {
		fmt.Println(err)
		return
	}
	vars := jinja.Vars{"posts": []post{{"Hello"}, {"<b>"}}}
	if err := engine.Render(context.Background(), os.Stdout, "index.html", vars); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <title>Index - Blog</title>
	// <h1>Hello</h1><h1>&lt;b&gt;</h1>
}

func ExampleEngineConfig_filters() {
	engine, err := jinja.New(jinja.EngineConfig{
		Filters: map[string]any{"shout": func(s string) string { return strings.ToUpper(s) + "!" }},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := engine.RenderString(context.Background(), os.Stdout, "{{ 'hello'|shout }}", nil); err != nil {
		fmt.Println(err)
	}
	// Output:
	// HELLO!
}

func ExampleError() {
	engine, err := jinja.New(jinja.EngineConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = engine.RenderString(context.Background(), os.Stdout, "one\n{{ name|uper }}", nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, jinja.TemplateSyntaxError))
	// Output:
	// jinja: <template>:2: TemplateAssertionError: No filter named 'uper'.; did you mean "upper"?
	// true
}
