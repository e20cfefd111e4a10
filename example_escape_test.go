package decant_test

import (
	"fmt"

	"github.com/decant-go/decant"
)

// What a user typed is escaped; what the program wrote is marked as safe.
func ExampleEscape() {
	name := `<script>alert("hi")</script>`
	fmt.Println(decant.Escape(name))
	fmt.Println(decant.Escape(decant.Markup("<b>hi</b>")))
	fmt.Println(decant.Escape(nil))
	// Output:
	// &lt;script&gt;alert(&#34;hi&#34;)&lt;/script&gt;
	// <b>hi</b>
	// None
}

// link shows itself in pages, as a Python object with __html__ does.
type link struct{ url, text string }

func (l link) HTML() decant.Markup {
	return decant.Markup(`<a href="{}">{}</a>`).Format(l.url, l.text)
}

func ExampleEscape_ownHTML() {
	fmt.Println(decant.Escape(link{url: "/search?q=1&page=2", text: "<next>"}))
	// Output:
	// <a href="/search?q=1&amp;page=2">&lt;next&gt;</a>
}

func ExampleEscapeSilent() {
	var nickname any
	fmt.Printf("%q\n", decant.EscapeSilent(nickname))
	// Output:
	// ""
}

func ExampleMarkup_Format() {
	hello := decant.Markup("<em>{greeting}</em>, you owe {sum:,.2f}")
	fmt.Println(hello.Format(map[string]any{"greeting": "Ann & Bob", "sum": 1234.5}))
	// Output:
	// <em>Ann &amp; Bob</em>, you owe 1,234.50
}

func ExampleMarkup_Sprintf() {
	fmt.Println(decant.Markup("<em>%s</em> has %d letters").Sprintf("<name>", 4))
	// Output:
	// <em>&lt;name&gt;</em> has 4 letters
}

func ExampleMarkup_Join() {
	fmt.Println(decant.Markup("<br>").Join("1 < 2", decant.Markup("<b>so</b>")))
	// Output:
	// 1 &lt; 2<br><b>so</b>
}

func ExampleMarkup_Concat() {
	fmt.Println(decant.Markup("<b>").Concat("<you>", decant.Markup("</b>")))
	// Output:
	// <b>&lt;you&gt;</b>
}

func ExampleMarkup_Striptags() {
	fmt.Println(decant.Markup("<h1>Fish &amp;\n Chips</h1> <!-- menu -->").Striptags())
	// Output:
	// Fish & Chips
}

func ExampleMarkup_Unescape() {
	fmt.Println(decant.Markup("Main &raquo; &lt;em&gt;").Unescape())
	// Output:
	// Main » <em>
}
